import {
  Bike,
  Book,
  Briefcase,
  Brush,
  Car,
  Folder,
  GraduationCap,
  Heart,
  House,
  Leaf,
  type LucideIcon,
  Music,
  Plane,
  ShoppingCart,
  Star,
  Users,
  Wallet,
} from "lucide-react";

export const ICONS: Readonly<Record<string, LucideIcon>> = {
  folder: Folder,
  house: House,
  briefcase: Briefcase,
  "shopping-cart": ShoppingCart,
  heart: Heart,
  users: Users,
  book: Book,
  "graduation-cap": GraduationCap,
  wallet: Wallet,
  car: Car,
  plane: Plane,
  bike: Bike,
  leaf: Leaf,
  music: Music,
  brush: Brush,
  star: Star,
};

/** Colors that can be told apart, and seen on light and on dark. */
export const COLORS: Readonly<Record<string, string>> = {
  "#64748b": "Slate",
  "#dc4c4c": "Red",
  "#d9772b": "Orange",
  "#a68a0d": "Yellow",
  "#3f9a4f": "Green",
  "#1a95a3": "Teal",
  "#4a83e0": "Blue",
  "#8b6be0": "Violet",
  "#d0569c": "Pink",
};

interface CategoryIconProps {
  icon: string | null | undefined;
  color: string | null | undefined;
}

/** A category's sign: an icon by its name, or whatever short text another program put there. */
export function CategoryIcon({ icon, color }: CategoryIconProps) {
  const Icon = ICONS[icon ?? "folder"];
  const style = color ? { color } : {};
  return Icon ? (
    <Icon aria-hidden style={style} />
  ) : (
    <span aria-hidden className="shrink-0" style={style}>
      {icon}
    </span>
  );
}
