/**
 * What pages are better with: rows as they come, local time, a key to the search. Typed here, and served as the text of one
 * function, which therefore uses nothing from outside.
 */

/** As much of a browser as is used. */
type Element = {
  hidden: boolean
  textContent: string | null
  readonly dataset: Readonly<Record<string, string | undefined>>
  readonly dateTime?: string
  readonly tagName: string
  focus(): void
  remove(): void
  setAttribute(name: string, value: string): void
  addEventListener(event: string, listener: (event: { readonly key: string; preventDefault(): void }) => void): void
  insertAdjacentHTML(where: 'afterbegin' | 'afterend', markup: string): void
  querySelectorAll(selector: string): Iterable<Element>
}
type Browser = {
  readonly document: Omit<Element, 'hidden'> & {
    readonly activeElement: Element | null
    querySelector(selector: string): Element | null
  }
  readonly EventSource: new (
    url: string,
  ) => { close(): void; readonly readyState: number } & {
    addEventListener(event: string, listener: (event: { readonly data: string }) => void): void
  }
  readonly location: { reload(): void }
  readonly localStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void }
}

/** Rows that came are kept in the page up to this many: whoever looks all day has not all of them in memory. */
export function enhance({ document, EventSource, location, localStorage }: Browser): void {
  const zone = document.querySelector('#zone')
  const live = document.querySelector('#live')
  const path = document.querySelector('input[type=search]')
  let isLocal = localStorage.getItem('zone') === 'local'

  const showTimes = () => {
    for (const time of document.querySelectorAll('time[datetime]')) {
      const utc = time.dataset['utc'] ?? time.textContent ?? ''
      const at = new Date(time.dateTime ?? '')
      time.setAttribute('data-utc', utc)
      const options = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
      time.textContent = isLocal ? at.toLocaleString('en-GB', { ...options, timeZoneName: 'short' }) : utc
    }
    if (zone !== null) zone.textContent = isLocal ? 'Show UTC' : 'Show local time'
  }
  if (zone !== null) {
    zone.hidden = false
    zone.addEventListener('click', () => {
      isLocal = !isLocal
      localStorage.setItem('zone', isLocal ? 'local' : 'utc')
      showTimes()
    })
    if (isLocal) showTimes()
  }

  document.addEventListener('keydown', (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')
    if (event.key !== '/' || isTyping || path === null) return
    event.preventDefault()
    path.focus()
  })

  if (live === null) return
  live.hidden = false
  let source: InstanceType<Browser['EventSource']> | undefined
  const stop = (text: string) => {
    source?.close()
    source = undefined
    live.textContent = text
    live.setAttribute('aria-pressed', 'false')
  }
  live.addEventListener('click', () => {
    if (source !== undefined) return stop('Show new ones as they come')
    const tail = new EventSource(live.dataset['tail'] ?? '')
    source = tail
    let count = 0
    live.textContent = 'Waiting for new ones… stop'
    live.setAttribute('aria-pressed', 'true')
    tail.addEventListener('row', ({ data }) => {
      const heading = document.querySelector('#rows .day')
      // No table yet: the page as a whole is another one now.
      if (heading === null) return location.reload()
      heading.insertAdjacentHTML('afterend', JSON.parse(data))
      for (const [index, row] of [...document.querySelectorAll('#rows tbody tr:not(.day)')].entries()) {
        if (index >= 500) row.remove()
      }
      count += 1
      live.textContent = `${count} new, waiting for more… stop`
      if (isLocal) showTimes()
    })
    // Where no stream gets through, for instance behind a proxy that collects answers, there is still the reload.
    tail.addEventListener('error', () => {
      if (tail.readyState === 2) stop('The stream broke: reload to see what is new')
    })
  })
}

/** The module that pages load. */
export const SCRIPT = `(${enhance.toString()})(globalThis)\n`
