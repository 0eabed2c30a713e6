/** Joins class names. */
export { clsx as cn } from "clsx";
