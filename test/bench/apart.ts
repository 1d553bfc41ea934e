/**
 * One measurement in a process of its own, so that none finds a heap or compiled code that another left behind.
 * `measureApart` starts it; by itself the file runs `EXPORT(ARGUMENT)` of a module and prints the answer as JSON.
 */
import { runCommand } from '../lab/command.ts'

/** @param module absolute path; @param name an exported function of one argument that is JSON, as its answer is */
export async function measureApart<T>(module: string, name: string, argument: unknown): Promise<T> {
  const command = [
    process.execPath,
    '--expose-gc',
    import.meta.filename,
    module,
    name,
    JSON.stringify(argument),
  ] as const
  return JSON.parse(await runCommand(command)) as T
}

if (import.meta.main) {
  const [module = '', name = '', argument = ''] = process.argv.slice(2)
  const exports = (await import(module)) as Record<string, (argument: unknown) => unknown>
  console.log(JSON.stringify(await exports[name]?.(JSON.parse(argument))))
}
