/** The lab's control groups: the only thing of a lab that lies outside its folder and its namespace. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
/** The daemons live in a leaf, since version 2 allows processes in leaves only; pods get their own beside it. */
export const DAEMONS = 'daemons'

/** Makes `group` (for instance `/kerbside-lab-default`) in every hierarchy, version 1 or 2. */
export function makeCgroups(group: string): void {
  for (const hierarchy of hierarchies()) {
    for (const path of [join(hierarchy, group), join(hierarchy, group, DAEMONS)]) {
      mkdirSync(path, { recursive: true })
      if (!path.endsWith(DAEMONS)) delegate(hierarchy, path)
      // A version 1 cpuset starts empty, and an empty one admits no process.
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        const from = join(dirname(path), file)
        if (existsSync(join(path, file)) && existsSync(from)) writeFileSync(join(path, file), readFileSync(from))
      }
    }
  }
}

/** Version 2 only: hands every controller down to `path` and to the groups below it, as far as the machine lets us. */
function delegate(hierarchy: string, path: string): void {
  const available = join(hierarchy, 'cgroup.controllers')
  if (!existsSync(available)) return
  for (const controller of readFileSync(available, 'utf8').split(/\s+/).filter(Boolean)) {
    for (const parent of [hierarchy, path]) {
      try {
        writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`)
      } catch {
        // A controller that a container keeps from us: kubelet will name it if it needs it.
      }
    }
  }
}

/** Removes `group` with all below it. Its processes must be dead; the kernel may take a moment to agree. */
export async function removeCgroups(group: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (const hierarchy of hierarchies()) {
    for (const path of deepestFirst(join(hierarchy, group))) {
      while (existsSync(path)) {
        try {
          rmdirSync(path)
        } catch (error) {
          if (Date.now() > deadline) throw error
          await wait(20)
        }
      }
    }
  }
}

export function cgroupsOf(group: string): string[] {
  return hierarchies()
    .map((hierarchy) => join(hierarchy, group))
    .filter((path) => existsSync(path))
}

function hierarchies(): string[] {
  const isHierarchy = (path: string) => existsSync(join(path, 'cgroup.procs'))
  if (isHierarchy(ROOT)) return [ROOT]
  return existsSync(ROOT)
    ? readdirSync(ROOT)
        .map((name) => join(ROOT, name))
        .filter(isHierarchy)
    : []
}

function deepestFirst(path: string): string[] {
  if (!existsSync(path)) return []
  const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [...below.flatMap((entry) => deepestFirst(join(path, entry.name))), path]
}
