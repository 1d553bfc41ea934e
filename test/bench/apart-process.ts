/** `MODULE EXPORT ARGUMENT`: calls that function with the argument, which is JSON, and prints its answer as JSON. */
const [module = '', name = '', argument = ''] = process.argv.slice(2)
const exports = (await import(module)) as Record<string, (argument: unknown) => unknown>
console.log(JSON.stringify(await exports[name]?.(JSON.parse(argument))))
