/** Allowed and denied over time, drawn by the server: bars of two scales, so that ten denials show beside a million reads. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { Bucket, Overview } from '../query/overview.ts'
import { counted, dayOfMs, moment, number } from '../words.ts'

const HEIGHT = 100

export function chart({ buckets, bucketMs, from, until, totals }: Overview, links: Links): Html {
  const summary = `${counted(totals.allowed, 'operation was', 'operations were')} allowed and ${number(totals.denied)} denied between ${dayOfMs(from)} and ${dayOfMs(until)}.`
  return html`<figure class="chart" aria-label="${summary}">
${track('allowed', 'Allowed', buckets)}
${track('denied', 'Denied', buckets)}
<div class="axis" aria-hidden="true">${ticks(buckets, bucketMs).map((at) => html`<span>${tick(at, bucketMs)}</span>`)}</div>
<details><summary>The same as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Allowed and denied over time"><table class="plain-table"><thead><tr><th scope="col">From (UTC)</th><th scope="col" class="num">Allowed</th><th scope="col" class="num">Denied</th></tr></thead>
<tbody>${buckets
    .filter(({ allowed, denied }) => allowed + denied > 0)
    .map(
      (bucket) =>
        html`<tr><th scope="row"><a href="${links.records({ from: bucket.at, until: bucket.at + bucketMs })}">${moment(bucket.at)}</a></th><td class="num">${number(bucket.allowed)}</td><td class="num">${number(bucket.denied)}</td></tr>`,
    )}</tbody></table></div></details>
</figure>`
}

/** Stretched to whatever width there is, so no text is in it. */
function track(name: 'allowed' | 'denied', title: string, buckets: readonly Bucket[]): Html {
  const counts = buckets.map((bucket) => bucket[name])
  const most = Math.max(0, ...counts)
  const bars = counts.map((count, index) => {
    if (count === 0) return undefined
    const size = Math.max(2, (count / most) * HEIGHT)
    return html`<rect x="${index + 0.08}" y="${(HEIGHT - size).toFixed(1)}" width="0.84" height="${size.toFixed(1)}"/>`
  })
  return html`<p class="track">${title} <span class="sub">${most === 0 ? 'none' : `at most ${number(most)} in one bar`}</span></p>
<svg class="bars ${name}" viewBox="0 0 ${Math.max(1, buckets.length)} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>`
}

const DAY_MS = 86_400_000

/** At most eight, each as far from the next: whole days where there are more than two. What is left at the end has none. */
function ticks(buckets: readonly Bucket[], bucketMs: number): readonly number[] {
  const perDay = DAY_MS / bucketMs
  const days = buckets.length / perDay
  const every = days > 2 && perDay >= 1 ? perDay * Math.ceil(days / 8) : Math.ceil(buckets.length / 8)
  return buckets.filter((_, index) => index % every === 0 && buckets.length - index > every / 2).map(({ at }) => at)
}

const tick = (at: number, bucketMs: number): string => {
  const time = new Date(at).toISOString()
  return bucketMs < 3 * 3_600_000 ? time.slice(11, 16) : dayOfMs(at).replace(/ \d{4}$/, '')
}
