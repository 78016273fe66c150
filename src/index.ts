/**
 * replypath as a library: the same as the command does, from a program. docs/library.md has examples.
 *
 * Nothing here ends the process, adds listeners to it, or prints.
 */

export { GuestError } from './guest/kernel.js';
export { InvalidScenarioError, LabError, RecipeError } from './library/errors.js';
export { format } from './library/format.js';
export type { Duration, SysctlsInput, When } from './library/input/common.js';
export type * from './library/input/flow.js';
export type * from './library/input/policy.js';
export type * from './library/input/step.js';
export type * from './library/input/topology.js';
export type * from './library/lab.js';
export type { LabSource, SourceOptions, TopologySource } from './library/lab-source.js';
export { type LoadOptions, type LoadResult, load } from './library/load.js';
export { openLab } from './library/open-lab.js';
export { type Run, type RunOptions, type RunOutcome, run } from './library/run.js';
export { type JsonSchema, jsonSchema, type SchemaName } from './library/schema.js';
export type { SelectOptions } from './library/select.js';
export type * from './model/diagnostic.js';
export type * from './model/difference.js';
export { DIFFERING } from './model/difference.js';
export type * from './model/family.js';
export type * from './model/flow-result.js';
export type * from './model/policy.js';
export type * from './model/result.js';
export { REASONS } from './model/result.js';
export type * from './model/scenario.js';
export type { CaptureMethod } from './model/settings.js';
export type * from './model/topology.js';
export type * from './model/verdict.js';
export { CAUSES, CONNECTION_FATES, LOSS_REASONS, VERDICTS } from './model/verdict.js';
export { KernelNamesError } from './run/kernels.js';
export { ResultsFolderError } from './run/run.js';
export type { Known, Shard } from './run/select.js';
export type { InvalidScenario } from './validate/validate.js';
