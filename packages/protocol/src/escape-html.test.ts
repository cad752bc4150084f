import { expect, test } from 'vitest'
import { escapeHtml } from './escape-html.ts'

test.each([
  ['', ''],
  ['Ada Lovelace, ünïcode', 'Ada Lovelace, ünïcode'],
  ['<script>', '&#60;script&#62;'],
  [`a" onload='x`, 'a&#34; onload=&#39;x'],
  ['&lt;', '&#38;lt;'],
])('%j becomes %j', (text, html) => expect(escapeHtml(text)).toBe(html))
