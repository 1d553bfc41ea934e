/** Examples for the lint rules about clusters, as those of `examples.ts`. */
import { LAB } from '../../../io/policy/folder.ts'
import type { ROWS } from './examples.ts'

const OPEN = LAB.replaceAll('lab', 'open').replaceAll('LAB', 'OPEN')

export const CLUSTER_ROWS: typeof ROWS = [
  [
    'insecure-http',
    OPEN.replace('https://nn1.open:9871', 'http://nn1.open:9870').replace(
      '"nameservice"',
      '"insecureHttp":true,"nameservice"',
    ),
    ['whoever sees the network sees data of `open`'],
    OPEN,
  ],
]
