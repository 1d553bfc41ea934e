/** Loaded before the gateway: swaps one line of the product for a weaker one, in memory, so that the fuzzer can be seen to find it. */
import { registerHooks } from 'node:module'
import { WEAKENINGS } from './weakenings.ts'

const name = process.env['FUZZ_WEAKENING'] ?? ''
const weakening = WEAKENINGS.get(name)
if (weakening === undefined) throw new Error(`no weakening \`${name}\``)

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith(`/${weakening.file}`)) return loaded
    const source = String(loaded.source)
    const weaker = weakening.change(source)
    if (weaker === source) throw new Error(`\`${name}\` found nothing to change in ${weakening.file}`)
    return { ...loaded, source: weaker }
  },
})
