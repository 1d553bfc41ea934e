/** What one policy allows and another does not, and what that would have changed in the last 30 days. */
import type { AccessChange } from '../../core/policy/access/change.ts'
import type { PolicyDiff } from '../../core/policy/access/diff.ts'
import { actionWords } from '../../core/policy/access/words.ts'
import type { Change } from '../../core/policy/replay/replay.ts'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { DiffAnswer, Effects } from '../query/policies.ts'
import { counted, foreign, number, shortHash } from '../words.ts'
import { counting, empty, nothing } from './states.ts'

export function diffBody(answer: DiffAnswer, links: Links): Html {
  if ('unknown' in answer) {
    const which = answer.unknown.map((hash, index) => html`${index > 0 && ', '}${shortHash(hash)}`)
    return empty(
      'The content is not known here',
      html`Of ${which}. <a href="${links.page('/policy')}">Choose two others</a>.`,
    )
  }
  const { diff, replayed } = answer
  return html`<section aria-labelledby="access"><h2 id="access">Access</h2>${access(diff)}</section>
${others(diff)}
<section aria-labelledby="effect"><h2 id="effect">In the last 30 days it would have changed</h2>${replayed === undefined ? counting : effects(replayed, links)}</section>`
}

const effects = (replayed: Effects, links: Links): Html =>
  html`<p class="sub">${counted(replayed.operations, 'operation')} of teams that the difference may touch put to the second policy: each of them, none is sampled.</p>
${replayed.groups.length === 0 ? nothing('Nothing: every operation would have been decided as it was.') : groups(replayed.groups, links)}`

const DIRECTIONS = {
  gained: ['+ gained', 'allow'],
  lost: ['− lost', 'deny'],
  changed: ['± changed', 'unknown'],
} as const

function access({ access: changes }: PolicyDiff): Html {
  if (changes.length === 0) return nothing('Both allow the same, to everyone, everywhere, from now on.')
  return html`<table class="list"><thead><tr><th scope="col">Change</th><th scope="col">Who</th><th scope="col">May</th><th scope="col">Where</th><th scope="col">When: was, is</th><th scope="col">By</th></tr></thead><tbody>${changes.map(changeRow)}</tbody></table>`
}

function changeRow({
  direction,
  team,
  identity,
  actions,
  dataset,
  paths,
  isWhole,
  except,
  was,
  is,
  causes,
}: AccessChange): Html {
  const [word, shade] = DIRECTIONS[direction]
  return html`<tr><td><span class="chip ${shade}">${word}</span></td><td><div class="identity">${foreign(identity ?? 'every identity', 100)}</div><div class="sub">${foreign(team, 80)}</div></td>
<td>${actionWords(actions)}</td><td>${dataset !== undefined && foreign(dataset, 100)} ${(!isWhole || dataset === undefined) && paths.slice(0, 5).map((path) => html`<div><code>${foreign(path, 240)}</code></div>`)}${except.length > 0 && html`<div class="sub">but for ${counted(except.length, 'place')} below</div>`}</td>
<td><span class="sub">${foreign(was, 160)}</span><br>${foreign(is, 160)}</td><td><div class="grants">${causes.slice(0, 4).map(({ name, at, side }) => html`<div>${foreign(name, 100)} <code>${foreign(at, 200)}</code> <span class="sub">${side}</span></div>`)}</div></td></tr>`
}

function others({ settings, teams, identities, datasets }: PolicyDiff): Html {
  const named = [
    ['Teams', teams],
    ['Identities', identities],
    ['Datasets', datasets],
  ] as const
  const lines = named.flatMap(([title, { added, removed }]) => [
    added.length > 0 && html`<li>${title} added: ${foreign(added.join(', '), 1000)}</li>`,
    removed.length > 0 && html`<li>${title} removed: ${foreign(removed.join(', '), 1000)}</li>`,
  ])
  const changed = settings.map(
    ({ kind, of, was, is }) =>
      html`<li>${kind} of ${foreign(of, 120)}: ${foreign(was, 200)} → ${foreign(is, 200)}</li>`,
  )
  const all = [...lines, ...changed].filter((line) => line !== false)
  return all.length === 0
    ? html``
    : html`<section aria-labelledby="names"><h2 id="names">Names and settings</h2><ul class="plain-list">${all}</ul></section>`
}

const CHANGES: Readonly<Record<Change, readonly [string, string]>> = {
  'allow-to-deny': ['would be denied', 'deny'],
  'deny-to-allow': ['would be allowed', 'allow'],
  'depends-on-pod-labels': ['hangs on labels of the pod', 'unknown'],
  'depends-on-parameters': ['hangs on parameters', 'unknown'],
  'depends-on-file-size': ['hangs on the size of the file', 'unknown'],
}

const groups = (list: Effects['groups'], links: Links): Html =>
  html`<table class="list"><thead><tr><th scope="col" class="num">Times</th><th scope="col">Change</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">For example</th></tr></thead><tbody>${list.map(
    ({ count, change, team, operation, dataset, example }) => {
      const [word, shade] = CHANGES[change]
      return html`<tr><td class="num">${number(count)}</td><td><span class="chip ${shade}">${word}</span></td><td>${foreign(team, 80)}</td><td><code>${foreign(operation, 64)}</code> <span class="sub">${foreign(dataset ?? 'in no dataset', 80)}</span></td><td><a href="${links.record(example)}"><code>${foreign(example.path, 160)}</code></a></td></tr>`
    },
  )}</tbody></table>`
