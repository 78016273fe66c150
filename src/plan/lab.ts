import type { InterfacePlan, LabPlan, NodePlan } from '../model/plan.js';
import type { PolicyItem } from '../model/policy.js';
import { appliesOf, eventsOf, type LabEvent, type Scenario } from '../model/scenario.js';
import { endpointText, type Interface, type Node, type StaticRoute } from '../model/topology.js';
import { addressCommand } from '../net/address-command.js';
import { dial } from '../tools/ppp-dial.js';
import { breakable } from './breakable.js';
import { eventCommands, isDial, isPlanned } from './events.js';
import { layOutInterfaces, macOf, ownNumbers, type WiredInterface } from './interfaces.js';
import { deviceCommands, inOrderOfMaking } from './links/devices.js';
import { pppCommands } from './links/ppp.js';
import { interfaceSysctls, isPerInterface, NODE_SYSCTLS } from './sysctls.js';
import { linkCommands, lossRuleset, portsOf, roundTrips, switchCommands, trafficCommands } from './wiring.js';

/**
 * Lays out the scenario's lab: numbers, layer-2 addresses, and the commands that make it. Pure and repeatable.
 *
 * @param everyLink whether every link can be unplugged and silenced, and not only those that the scenario names.
 */
export function planLab(scenario: Scenario, everyLink = false): LabPlan {
  const topology = breakable(scenario, everyLink);
  const wired = layOutInterfaces(topology);
  const ports = portsOf(topology, wired);
  const numbers = ownNumbers(topology, wired);
  const events = scenario.steps.flatMap(eventsOf);
  const withFiles = nodesWithFiles(scenario);
  return {
    scenario,
    nodes: topology.nodes.map((node) =>
      planNode(node, { numbers, roundTrips: roundTrips(topology) }, withFiles.has(node.name)),
    ),
    linkCommands: linkCommands(topology, wired),
    switchCommands: switchCommands(topology, wired),
    trafficCommands: trafficCommands(topology, wired),
    lossRuleset: lossRuleset(topology, wired),
    interfaces: new Map(wired.map((wire) => [wire.index, describe(wire)])),
    ports,
    events: new Map(
      events.filter(isPlanned).map((event) => [event, eventCommands(event, { scenario, ports })]),
    ),
    dials: new Map(events.filter(isDial).map((event) => [event, dial(event.kind, event.ends)])),
  };
}

interface Wiring {
  readonly numbers: ReadonlyMap<Interface, number>;
  /** In milliseconds, by endpoint. */
  readonly roundTrips: ReadonlyMap<string, number>;
}

function planNode(node: Node, { numbers, roundTrips }: Wiring, privateFiles: boolean): NodePlan {
  const late = node.sysctls.filter(([key]) => isPerInterface(key));
  const made = inOrderOfMaking(node.interfaces).filter(({ kind }) => kind !== 'external');
  const early = node.sysctls.filter(([key]) => !isPerInterface(key));
  return {
    name: node.name,
    privateFiles,
    earlySysctls: [...NODE_SYSCTLS, ...early],
    deviceCommands: made.flatMap((device) => {
      const index = numbers.get(device);
      return index === undefined ? [] : deviceCommands(device, index, macOf(index));
    }),
    lateSysctls: [
      ...made.flatMap(({ name }) =>
        interfaceSysctls(name, roundTrips.get(endpointText({ node: node.name, interface: name }))),
      ),
      ...late,
    ],
    commands: ['link set dev lo up', ...made.flatMap(interfaceCommands), ...node.routes.map(routeCommand)],
  };
}

function interfaceCommands({ kind, name, addresses, mtu }: Interface): string[] {
  if (kind === 'ppp') return pppCommands(name, mtu);
  return [
    ...addresses.filter(({ dynamic }) => !dynamic).map((address) => addressCommand(name, address)),
    `link set dev ${name}${mtu === null ? '' : ` mtu ${mtu}`} up`,
  ];
}

function routeCommand({ to, via, dev, src, metric }: StaticRoute): string {
  const words = ['route', 'add', to];
  if (via !== null) words.push('via', via);
  if (dev !== null) words.push('dev', dev);
  if (src !== null) words.push('src', src);
  if (metric !== null) words.push('metric', String(metric));
  return words.join(' ');
}

function describe(wire: WiredInterface): InterfacePlan {
  const { index, endpoint, mac, addresses, neighbours, pointToPoint } = wire;
  return { index, endpoint, mac, addresses, neighbours, pointToPoint };
}

/** Nodes in which something reads or writes /etc, /run or /var: all that run more than `ip` and sysctls. */
function nodesWithFiles(scenario: Scenario): Set<string> {
  const names = scenario.topology.nodes
    .filter(({ policy }) => policy.some(usesFiles))
    .map(({ name }) => name);
  for (const step of scenario.steps) {
    for (const apply of appliesOf(step)) if (apply.items.some(usesFiles)) names.push(apply.node);
    for (const event of eventsOf(step)) names.push(...nodesOfScripts(event));
  }
  return new Set(names);
}

/** Where an event runs a script of the user. */
function nodesOfScripts(event: LabEvent): readonly string[] {
  if (event.kind === 'shell') return [event.node];
  return isDial(event) ? [event.endpoint.node] : [];
}

function usesFiles(item: PolicyItem): boolean {
  if (item.kind === 'ip') return item.tables.length > 0;
  return item.kind !== 'sysctl' && item.kind !== 'nft';
}
