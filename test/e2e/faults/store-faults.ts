/** Faults of the secret store, made on a real OpenBao: of the secrets in the lab's, and of the whole of one that no other test uses. */
import type { Lab } from '../../lab/lab.ts'
import { certificateOfAnother, certificateOfLab, expiredCertificateOfLab } from './certificates-of-store.ts'
import { inOpenbao, known } from './in-openbao.ts'
import { OwnOpenbao } from './own-openbao.ts'
import { PlaceInOpenbao } from './place-in-openbao.ts'
import type { Scenario } from './scenario.ts'
import type { Stage, StageOptions } from './stage.ts'

type AtBao = (bao: OwnOpenbao, lab: Lab) => Promise<void>

/** Secrets in an OpenBao that is there for this alone. */
function inOwn(
  { breaks, mends }: { readonly breaks: AtBao; readonly mends: AtBao },
  options: StageOptions = {},
): Scenario {
  const made = new WeakMap<Stage, { readonly bao: OwnOpenbao; readonly place: PlaceInOpenbao }>()
  const at = (stage: Stage) => known(made.get(stage))
  return {
    stage: {
      ...options,
      async prepare(stage) {
        const { lab } = stage.world
        const bao = await OwnOpenbao.start(lab)
        stage.atEnd(() => bao.close())
        const { name, secretPath } = stage
        const place = new PlaceInOpenbao(lab, { name, secretPath, bao })
        stage.atEnd(() => place.removeNamespace())
        made.set(stage, { bao, place })
        return place.make(await stage.keytab())
      },
      token: (stage) => at(stage).place.token,
    },
    breaks: (stage) => breaks(at(stage).bao, stage.world.lab),
    mends: (stage) => mends(at(stage).bao, stage.world.lab),
  }
}

const backToGood: AtBao = async (bao, lab) => bao.useCertificate(await certificateOfLab(lab))

export const STORE_FAULTS = {
  'store-forbidden': inOpenbao({ breaks: (place) => place.forbid(), mends: (place) => place.permit() }),
  'store-secret-deleted': inOpenbao({
    breaks: (place) => place.deleteKeytab(),
    mends: async (place, stage) => place.putKeytab(await stage.keytab()),
  }),
  'store-cannot-audit': inOwn({
    breaks: async (bao) => bao.fillAuditDisk(),
    mends: async (bao) => bao.clearAuditDisk(),
  }),
  'store-sealed': inOwn({ breaks: (bao) => bao.seal(), mends: (bao) => bao.unseal() }),
  'store-silent': inOwn(
    { breaks: async (bao) => bao.freeze(), mends: async (bao) => bao.thaw() },
    // A try with a silent store, and its end, fit into half a life.
    { ticketSeconds: 100 },
  ),
  'store-certificate-expired': inOwn({
    breaks: async (bao, lab) => bao.useCertificate(await expiredCertificateOfLab(lab)),
    mends: backToGood,
  }),
  'store-certificate-of-another': inOwn({
    breaks: async (bao) => bao.useCertificate(await certificateOfAnother()),
    mends: backToGood,
  }),
  'token-expired': inOpenbao({
    breaks: async (place, stage) => stage.putToken(place.expiredToken),
    mends: async (place, stage) => stage.putToken(place.token),
  }),
  'service-account-deleted': inOpenbao({
    breaks: (place) => place.deleteAccount(),
    async mends(place, stage) {
      await place.makeAccount()
      // As the kubelet does, which asks for a token by the name of the account.
      stage.putToken(place.token)
    },
  }),
} as const satisfies Record<string, Scenario>
