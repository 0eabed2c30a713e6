/** The longest title that the API takes. */
export const TITLE_LENGTH = 255;
