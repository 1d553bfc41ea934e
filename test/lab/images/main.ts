/** Writes one of the lab's images to standard output: `node main.ts CACHE NAME`. A process of its own, since packing blocks. */
import { LAB_IMAGES, writeImage } from './lab-images.ts'

const [cache = '', wanted] = process.argv.slice(2)
const name = LAB_IMAGES.find((image) => image === wanted)
if (name === undefined) throw new Error(`usage: main.ts CACHE NAME, with NAME one of ${LAB_IMAGES.join(', ')}`)
writeImage({ cache }, name)
