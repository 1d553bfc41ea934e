/** One measurement in a process of its own, so that none finds a heap or compiled code that another left behind. */
import { join } from 'node:path'
import { runCommand } from '../lab/command.ts'

const PROGRAM = join(import.meta.dirname, 'apart-process.ts')

/** @param module absolute path; @param name an exported function of one argument that is JSON, as its answer is */
export async function measureApart<T>(module: string, name: string, argument: unknown): Promise<T> {
  const command = [process.execPath, '--expose-gc', PROGRAM, module, name, JSON.stringify(argument)] as const
  return JSON.parse(await runCommand(command)) as T
}
