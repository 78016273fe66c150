import type { ToolName } from '../model/tool.js';
import { cron } from './cron.js';
import { dhclient } from './dhclient.js';
import { ifupdown } from './ifupdown.js';
import { netifrc } from './netifrc.js';
import { openvpn } from './openvpn.js';
import { pppHooks } from './ppp-hooks.js';
import { script } from './script.js';
import type { Tool } from './tool.js';

export const TOOLS_BY_NAME: Readonly<Record<ToolName, Tool>> = {
  ...{ script, cron, ifupdown, netifrc },
  'ppp-hooks': pppHooks,
  ...{ dhclient, openvpn },
};
