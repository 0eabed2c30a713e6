/** A moment on a day so many days from now; by default its last minute, which stands for the whole day. */
export function inDays(days: number, hours = 23, minutes = 59): string {
  const date = new Date();
  date.setDate(date.getDate() + days);
  date.setHours(hours, minutes, 0, 0);
  return date.toISOString();
}
