import { spawnSync } from 'node:child_process';

/** A value, and the JSON Schema that it should keep, or a part of it. */
export interface Instance {
  readonly name: string;
  readonly schema: unknown;
  /** The way to the part, as a JSON pointer; the whole schema where there is none. */
  readonly part?: string;
  readonly value: unknown;
}

const SCRIPT = `
import json, sys
from jsonschema import Draft7Validator
data = json.load(sys.stdin)
for schema in data["schemas"]:
    Draft7Validator.check_schema(schema)
faults = []
for instance in data["instances"]:
    root = part = data["schemas"][instance["schema"]]
    for step in instance["part"].split("/")[1:]:
        part = part[int(step)] if isinstance(part, list) else part[step]
    validator = Draft7Validator({**part, "definitions": root.get("definitions", {})})
    for error in validator.iter_errors(instance["value"]):
        path = "/".join(str(key) for key in error.absolute_path)
        faults.append([instance["name"], path + ": " + error.message[:200]])
json.dump(faults, sys.stdout)
`;

/** The first python3 in PATH need not be the one to which the Debian package belongs. */
const PYTHON = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import jsonschema']).status === 0,
);

/** A value that a schema refuses: its name, and where and why. */
type Fault = readonly [name: string, message: string];

/**
 * What another implementation of JSON Schema (Python's jsonschema) has against the values. It checks
 * the schemas themselves as well, and throws where one is none.
 */
export function independentFaults(instances: readonly Instance[]): Fault[] {
  const schemas = [...new Set(instances.map(({ schema }) => schema))];
  const input = {
    schemas,
    instances: instances.map(({ name, schema, part = '', value }) => ({
      name,
      schema: schemas.indexOf(schema),
      part,
      value,
    })),
  };
  const { status, stdout, stderr } = spawnSync(PYTHON ?? 'python3', ['-c', SCRIPT], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0)
    throw new Error(`python3 with jsonschema is needed (Debian: python3-jsonschema): ${stderr}`);
  return JSON.parse(stdout);
}
