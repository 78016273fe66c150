import { Argument, type Command } from 'commander';
import { print } from './streams.js';

const NAMES = ['scenario', 'topology', 'policy', 'report'] as const;
type SchemaName = (typeof NAMES)[number];

const AFTER = `
An editor that speaks YAML finds the schema by the first line of a scenario:
  # yaml-language-server: $schema=scenario.schema.json

Example:
  $ replypath schema scenario > scenario.schema.json`;

export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .summary('print a JSON Schema')
    .description('Print the JSON Schema of a kind of file, or of what run --reporter json prints.')
    .addArgument(new Argument('[name]', 'what to describe').choices(NAMES).default('scenario'))
    .addHelpText('after', AFTER)
    .action(async (name: SchemaName) => {
      const { jsonSchemas } = await import('../format/json-schema.js');
      const { reportJsonSchema } = await import('../format/report.js');
      const schema = name === 'report' ? reportJsonSchema() : jsonSchemas()[name];
      print(`${JSON.stringify(schema, null, 2)}\n`);
    });
}
