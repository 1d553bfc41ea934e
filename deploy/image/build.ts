/** `npm run build`: bundles the product into `dist/`, which `package.json` names as the command. */
import { join } from 'node:path'
import { bundle } from './bundle.ts'

const root = join(import.meta.dirname, '../..')
await bundle(root, join(root, 'dist'))
