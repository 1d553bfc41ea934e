/** The images of the lab, as pods name them. */
import { join } from 'node:path'

export const PAUSE = 'lab/pause:1'
export const TRAIN = 'lab/train:1'
/** The product as this checkout has it. */
export const PRODUCT = 'kerbside:dev'
/** The same with DuckDB; packed by the test that installs what runs from it. */
export const REVIEW = 'kerbside-review:dev'
/** Kubeflow's training operator, as the manifests of its version call it. */
export const OPERATOR = 'kubeflow/training-operator:v1-04f9f13'
/** The lower layer of {@link PRODUCT} alone. */
export const BASE = 'kerbside/base:dev'

export const CHECKOUT = join(import.meta.dirname, '../../..')
