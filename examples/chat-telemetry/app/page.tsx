/** The application has one page to begin with. */
import { redirect } from 'next/navigation'

export default function Home(): never {
  redirect('/dashboard/telemetry')
}
