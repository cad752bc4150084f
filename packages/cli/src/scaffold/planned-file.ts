/** What happens to one file. Existing files are never changed. */
export type PlannedFile = { path: string } & (
  | { state: 'create'; note: string; text: string; mode?: number; folderMode?: number }
  /** The file exists, and needs no change. */
  | { state: 'there'; note: string }
  /** The user must do something by hand. */
  | { state: 'left'; note: string; snippet?: string }
)
