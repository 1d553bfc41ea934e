/** Runs inside a lab's namespace: starts parts in the order of their needs, side by side, and watches their daemons. */
import { chmodSync, writeFileSync } from 'node:fs'
import { runCommand } from './command.ts'
import { type Request, type Status, serve } from './control.ts'
import { Daemons } from './daemons.ts'
import { LabError } from './errors.ts'
import { labFiles, labFolderAt } from './folder.ts'
import type { Inside, PartName } from './part.ts'
import { partsByName, withNeeds } from './parts.ts'
import { type ProgressSink, progressTo } from './progress.ts'

const folder = labFolderAt(process.argv[2] ?? '')
const files = labFiles(folder)

// The namespace's first process waits for this one; when this one ends, so does everything.
const daemons = new Daemons(files.log, (why) => {
  writeFileSync(files.death, why)
  process.exit(1)
})

const started = new Map<PartName, Promise<void>>()
const standing = new Set<PartName>()

function start(name: PartName, inside: Inside): Promise<void> {
  const running = started.get(name)
  if (running !== undefined) return running
  const part = partsByName.get(name)
  if (part === undefined) throw new LabError(`there is no part \`${name}\``)
  const starting = (async () => {
    await Promise.all(part.needs.map((need) => start(need, inside)))
    await inside.progress.step(name, () => part.start(inside))
    standing.add(name)
  })()
  started.set(name, starting)
  return starting
}

function insideFor(sink: ProgressSink, together: ReadonlySet<PartName>): Inside {
  return {
    folder,
    together,
    progress: progressTo(sink),
    daemon: (spec) => daemons.start(spec),
    until: (what, ready, options) => daemons.until(what, ready, options),
    run: runCommand,
  }
}

async function answer(request: Request, sink: ProgressSink): Promise<Status> {
  if (request.do === 'start') {
    const names = withNeeds(request.parts).map((part) => part.name)
    const inside = insideFor(sink, new Set(names))
    await Promise.all(names.map((name) => start(name, inside)))
  }
  if (request.do === 'stop-daemon') await daemons.stop(request.name, request.signal)
  if (request.do === 'start-daemon') await daemons.startAgain(request.name)
  if (request.do === 'freeze-daemon') daemons.freeze(request.name, request.frozen)
  if (request.do === 'watch') await new Promise(() => {})
  return { parts: [...standing], daemons: daemons.status() }
}

serve(files.control, answer).on('listening', () => chmodSync(files.control, 0o600))
