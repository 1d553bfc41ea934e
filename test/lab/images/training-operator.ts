/** Writes the operator's image to standard output, by the name that its own manifests call it: `node training-operator.ts CACHE`. */
import { archive, layerOf, writeAll } from '../../../deploy/image/archive.ts'
import { trainingOperator } from '../build/training-operator.ts'
import { OPERATOR } from './names.ts'

const { program } = trainingOperator({ cache: process.argv[2] ?? '' })
const layers = [layerOf([{ path: 'manager', from: program, mode: 0o755 }])]
await writeAll(process.stdout, archive({ name: OPERATOR, entrypoint: ['/manager'], user: '65532:65532', layers }))
