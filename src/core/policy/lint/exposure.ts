/** Settings that are wider than one would guess, so that nobody forgets them. */
import { ofKind } from '../language/link.ts'
import type { Found, Rule } from './rule.ts'

export const rootPrefix: Rule = {
  code: 'root-prefix',
  severity: 'warning',
  sentence: 'a dataset has the prefix `/`: whatever is in no other dataset is in it',
  check: ({ documents }) =>
    ofKind(documents, 'Dataset').flatMap((document) =>
      document.spec.prefixes.flatMap((prefix, index): Found[] => {
        if (prefix !== '/') return []
        const message = `dataset \`${document.metadata.name}\` is all of cluster \`${document.spec.cluster}\` that is in no other dataset`
        return [{ document, path: ['spec', 'prefixes', index], message }]
      }),
    ),
}

export const unprotected: Rule = {
  code: 'unprotected',
  severity: 'warning',
  sentence: 'a dataset says `protect: false`: its roots may be deleted, renamed and re-permissioned',
  check: ({ documents }) =>
    ofKind(documents, 'Dataset').flatMap((document): Found[] => {
      if (document.spec.protect !== false) return []
      const message = `the roots of \`${document.metadata.name}\` are not protected: who may write there may delete them`
      return [{ document, path: ['spec', 'protect'], part: 'key', message }]
    }),
}

export const inShadow: Rule = {
  code: 'in-shadow',
  severity: 'warning',
  sentence: 'a grant or the whole policy is in shadow: what it says is recorded, and not done',
  check: ({ documents }) =>
    documents.flatMap((document): Found[] => {
      if ((document.kind !== 'Grant' && document.kind !== 'Policy') || document.spec.mode !== 'shadow') return []
      const message =
        document.kind === 'Policy'
          ? 'the whole policy is in shadow: nothing that it denies is refused'
          : `grant \`${document.metadata.name}\` is in shadow: it ${document.spec.effect === 'allow' ? 'allows' : 'denies'} nothing yet`
      return [{ document, path: ['spec', 'mode'], part: 'key', message }]
    }),
}

export const insecureHttp: Rule = {
  code: 'insecure-http',
  severity: 'warning',
  sentence: 'a cluster says `insecureHttp: true`: NameNodes may be spoken to without TLS',
  check: ({ documents }) =>
    ofKind(documents, 'HadoopCluster').flatMap((document): Found[] => {
      if (document.spec.insecureHttp !== true) return []
      const message = `whoever sees the network sees data of \`${document.metadata.name}\`, and delegation tokens that open all of it`
      return [{ document, path: ['spec', 'insecureHttp'], part: 'key', message }]
    }),
}

export const anyNamespace: Rule = {
  code: 'any-namespace',
  severity: 'warning',
  sentence: 'pods of every namespace may use an identity',
  check: ({ documents }) =>
    ofKind(documents, 'Identity').flatMap((document) =>
      document.spec.allowedFor.flatMap((workload, index): Found[] => {
        if (workload.anyNamespace !== true) return []
        const message = `pods of every namespace may use \`${document.metadata.name}\`, those of namespaces to come too`
        return [{ document, path: ['spec', 'allowedFor', index, 'anyNamespace'], part: 'key', message }]
      }),
    ),
}

export const defaultAccount: Rule = {
  code: 'default-account',
  severity: 'warning',
  sentence: 'an identity is for the service account `default`, which every pod has that names none',
  check: ({ documents }) =>
    ofKind(documents, 'Identity').flatMap((document) =>
      document.spec.allowedFor.flatMap(({ serviceAccounts }, index) =>
        serviceAccounts.flatMap((account, at): Found[] => {
          if (account !== 'default') return []
          const message = `every pod that names no service account may use \`${document.metadata.name}\``
          return [{ document, path: ['spec', 'allowedFor', index, 'serviceAccounts', at], message }]
        }),
      ),
    ),
}
