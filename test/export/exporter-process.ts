/** `kerbside export` as a process of its own, which can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const KERBSIDE = join(import.meta.dirname, '../../src/kerbside.ts')

export type Exporter = {
  /** What it logged, and what it put on standard output. */
  log(): string
  lines(): readonly string[]
  /** Records that are where a sink puts them, as its metrics say. */
  sent(sink: string): Promise<number>
  /** What it says of its sinks. */
  readiness(): Promise<string>
  /** Resolves when it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

const running = new Set<ChildProcess>()

/** @param folder for its settings and state; records are in `records` of it */
export async function startExporter(folder: string, sinks: readonly object[]): Promise<Exporter> {
  const [settings, state, records] = ['export.yaml', 'state', 'records'].map((name) => join(folder, name))
  mkdirSync(records ?? '', { recursive: true })
  // JSON is YAML.
  writeFileSync(settings ?? '', JSON.stringify({ name: 'one', records, state, sinks }))
  const args = [KERBSIDE, 'export', '--settings', settings ?? '', '--listen', '127.0.0.1', '--port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.on('exit', () => running.delete(child))
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(line))
  let logged = ''
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the exporter ended with ${code}: ${logged}`)))
    createInterface(child.stderr).on('line', (line) => {
      logged += `${line}\n`
      const found = /"addresses":\[\{[^}]*"port":(\d+)/.exec(line)
      if (found !== null) resolve(Number(found[1]))
    })
  })
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  return {
    log: () => logged,
    lines: () => lines,
    async sent(sink) {
      const text = await ask('/metrics')
      return Number(new RegExp(`kerbside_export_records_total\\{sink="${sink}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
    },
    readiness: () => ask('/readyz'),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}

/** For the end of a test that failed halfway. */
export function killExporters(): void {
  for (const child of running) child.kill('SIGKILL')
}
