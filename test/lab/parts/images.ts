/** The images that pods of the demo and the tests run: a training image, and the product as this checkout has it. */
import { fetchForImages, PRODUCT } from '../images/lab-images.ts'
import { loadImage } from '../images/load.ts'
import { TRAIN } from '../images/train.ts'
import type { Part } from '../part.ts'

export const images: Part = {
  name: 'images',
  needs: ['containerd'],
  fetch: fetchForImages,
  async start(inside) {
    await Promise.all([loadImage(inside, TRAIN), loadImage(inside, PRODUCT)])
  },
}
