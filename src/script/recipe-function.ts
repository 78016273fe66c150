import { bash } from './shell.js';

/** How a script of the scenario is run: as `run` does, from a file in the node and without input. */
export const RECIPE = bash`
# recipe NODE SECONDS: runs the script on standard input; a command that fails is named, and the next one is run.
recipe() {
  local file=/run/replypath/recipe-$((++recipes))
  on "$1" tee "$file" >/dev/null
  on "$1" tee "$file.env" >/dev/null <<'ENV'
exec 2>&1 198>&1
unset BASH_ENV
trap 'echo "   line $LINENO: exit $?: $BASH_COMMAND" >&198' ERR
ENV
  on "$1" env BASH_ENV="$file.env" timeout --signal=KILL "$2" bash "$file" </dev/null
}
recipes=0
`;
