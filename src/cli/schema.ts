import { Argument, type Command } from 'commander';
import { print } from './streams.js';

/** Those of src/format/json-schema.ts, which is loaded only when one is asked for. */
const NAMES = ['scenario', 'topology', 'policy', 'config', 'report', 'explanation'] as const;

const AFTER = `
The package has each as schemas/NAME.schema.json. Editors complete, explain and
underline with them.

In any editor with yaml-language-server, as the first line of a file:
  # yaml-language-server: $schema=../schemas/scenario.schema.json

VS Code (extension "YAML" of Red Hat), in .vscode/settings.json:
  "yaml.schemas": {
    "schemas/scenario.schema.json": "scenarios/**/*.yaml",
    "schemas/topology.schema.json": "lab/topologies/*.yaml",
    "schemas/policy.schema.json": "lab/policies/*.yaml",
    "schemas/config.schema.json": "replypath.config.yaml"
  }

Neovim 0.11 and later, with yaml-language-server installed:
  vim.lsp.config('yamlls', {
    cmd = { 'yaml-language-server', '--stdio' },
    filetypes = { 'yaml' },
    settings = { yaml = { schemas = {
      ['schemas/scenario.schema.json'] = 'scenarios/**/*.yaml',
    } } },
  })
  vim.lsp.enable('yamlls')

JetBrains: Settings, Languages & Frameworks, Schemas and DTDs, JSON Schema
Mappings: add the file, schema version 7, and the folder that it is for.

Examples:
  $ replypath schema                                     of scenarios
  $ replypath schema report                              of run.json
  $ replypath schema topology > topology.schema.json`;

export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .summary('print a JSON Schema, for editors')
    .description(
      'Print the JSON Schema (draft 7) of a kind of file, or of what run --reporter json or explain --json prints.',
    )
    .addArgument(new Argument('[name]', 'what to describe').choices(NAMES).default('scenario'))
    .addHelpText('after', AFTER)
    .action(async (name: (typeof NAMES)[number]) => {
      const { schemaText } = await import('../format/json-schema.js');
      print(schemaText(name));
    });
}
