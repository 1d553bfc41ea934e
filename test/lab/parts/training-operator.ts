/** The image of Kubeflow's training operator: built from source, once per machine. Whoever wants it to run applies its manifests. */
import { join } from 'node:path'
import { buildTrainingOperator } from '../build/training-operator.ts'
import { OPERATOR } from '../images/names.ts'
import type { Part } from '../part.ts'
import { load } from './images.ts'

export const trainingOperatorPart: Part = {
  name: 'training-operator',
  needs: ['kubelet', 'images'],
  isOptional: true,
  fetch: buildTrainingOperator,
  start: (inside) =>
    load(OPERATOR, [join(import.meta.dirname, '../images/training-operator.ts'), inside.folder.cache], inside),
}
