/** The rows of admission that need an API server. Runs inside a lab with kube-apiserver and its controllers. */
import { measureAdmission } from './measure.ts'
import { sayAdmission } from './rows.ts'

sayAdmission(await measureAdmission())
