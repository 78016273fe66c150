#!/usr/bin/env node
import './optimise-late.js';
import { CommanderError } from 'commander';
import { commandLine } from './command-line.js';
import { crash } from './crash.js';
import { EXIT } from './exit-code.js';
import { toleratesClosedPipes } from './streams.js';

toleratesClosedPipes();
process.on('uncaughtException', crash);

try {
  await commandLine().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) crash(error);
  // Help and version are errors to commander too, with code 0; it has printed the message of all others.
  process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.usage;
}
