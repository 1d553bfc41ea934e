/** Debian's `libfaketime`, which shows another time to the processes that it is loaded into. */

/** Debian's names of what Node calls x64 and arm64. */
const MACHINES = new Map([
  ['x64', 'x86_64'],
  ['arm64', 'aarch64'],
])
const machine = MACHINES.get(process.arch) ?? process.arch

export const FAKETIME_LIBRARY = `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`
