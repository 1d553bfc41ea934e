/** `npm run prove [-- cases]`: a million generated cases, decided twice; the figures it ends with are the proof. */
import { compareReadings } from './compare-readings.ts'

const cases = Number(process.argv[2] ?? 1_000_000)
const began = Date.now()
const seed = began % 2 ** 31
let told = began

const seconds = (): string => `${((Date.now() - began) / 1000).toFixed(0)} s`
const { compared, reasons } = compareReadings(cases, {
  seed,
  progress(soFar) {
    if (Date.now() - told < 2000) return
    told = Date.now()
    console.error(`${soFar.toLocaleString('en')} of ${cases.toLocaleString('en')} cases agree, ${seconds()}`)
  },
})
for (const [reason, count] of [...reasons].sort(([, one], [, other]) => other - one)) {
  console.log(reason.padEnd(20), count.toLocaleString('en').padStart(10))
}
console.log(`${compared.toLocaleString('en')} cases agree, seed ${seed}, ${seconds()}`)
