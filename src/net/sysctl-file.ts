/**
 * The file behind a sysctl's key; sysctl.d(5): dots separate, and a slash stands for a dot inside of a
 * name, unless the first separator is a slash, which makes it a path.
 */
export function sysctlFile(key: string): string {
  const separator = /[./]/.exec(key)?.[0];
  const path = separator === '/' ? key : key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
  return `/proc/sys/${path}`;
}

/** An interface's name as a part of a sysctl's key: eth0.100 is written eth0/100, sysctl.d(5). */
export function inSysctlKey(name: string): string {
  return name.replaceAll('.', '/');
}
