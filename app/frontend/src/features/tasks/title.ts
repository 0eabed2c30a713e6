/** The longest title that the API takes. */
export const TITLE_LENGTH = 255;

/** The longest description that the API takes. */
export const DESCRIPTION_LENGTH = 5000;
