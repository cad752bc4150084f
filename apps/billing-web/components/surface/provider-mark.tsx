import apple from '@iconify-icons/logos/apple'
import discord from '@iconify-icons/logos/discord-icon'
import facebook from '@iconify-icons/logos/facebook'
import github from '@iconify-icons/logos/github-icon'
import gitlab from '@iconify-icons/logos/gitlab-icon'
import google from '@iconify-icons/logos/google-icon'
import linkedin from '@iconify-icons/logos/linkedin-icon'
import microsoft from '@iconify-icons/logos/microsoft-icon'
import slack from '@iconify-icons/logos/slack-icon'

/** The marks in the colors of the providers. The key is the name of the provider in the settings of the auth server. */
const marks = { apple, discord, facebook, github, gitlab, google, linkedin, microsoft, slack }

/** These marks are black. On a dark theme, they must be white, which their owners allow. */
const blackMarks = new Set(['apple', 'github'])

/**
 * The mark of a provider, or its first letter if the provider is not known. The name beside it says which provider it is. Render it on the
 * server, so that the browser loads none of the other marks.
 */
export function ProviderMark({ name, label }: { name: string; label: string }) {
  if (!isKnown(name)) return <Letter label={label} />
  const { body, width, height } = marks[name]
  const drawing = blackMarks.has(name) ? body.replaceAll(/ fill="#[\da-f]+"/g, '') : body
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${width} ${height}`}
      fill="currentColor"
      className="size-4.5 shrink-0 text-ink"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of a package
      dangerouslySetInnerHTML={{ __html: drawing }}
    />
  )
}

function isKnown(name: string): name is keyof typeof marks {
  return Object.hasOwn(marks, name)
}

function Letter({ label }: { label: string }) {
  return (
    <span
      aria-hidden
      className="grid size-5 shrink-0 place-items-center rounded-md bg-sunken font-semibold text-[0.6875rem] text-soft"
    >
      {label.slice(0, 1).toUpperCase()}
    </span>
  )
}
