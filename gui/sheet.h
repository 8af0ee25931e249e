// Sheet: rows of words in columns, for views that are tables.
//   used by: members table, leases, auth, clients, evidence    uses: picture.h, scene.h
//   ideas:   a row is an item, so that it can be pointed at and read aloud; rows out of sight are not made.
#pragma once

#include <vector>

#include "gui/scene.h"

namespace orrery::gui {

struct Column {
  QString title;
  double chars = 8;  // its width
  bool right = false;
};

struct Cell {
  QString words = {};
  Ink ink = Ink::Text;
  Ink fill = Ink::None;
  Face face = Face::Normal;
};

class Sheet {
 public:
  // Stands at the picture's left, from `top` down.
  Sheet(const Scene& scene, Picture& picture, double top) : scene_(scene), picture_(picture) {
    y_ = top;
  }

  // A line of words over the whole width.
  void line(const QString& words, Ink ink = Ink::Text, Face face = Face::Normal);
  // Small and muted: what a reader should know.
  void hint(const QString& words) { line(words, Ink::Muted, Face::Small); }
  // Words that wrap, so many characters from the left.
  void paragraph(const QString& words, Ink ink, double indent);
  void gap() { y_ += scene_.metrics.gap * 2; }
  void head(std::vector<Column> columns);
  // requires: as many cells as columns, or fewer. `item.area` is set here; without a name the cells are it.
  void row(const std::vector<Cell>& cells, Item item = {});

  double y() const { return y_; }
  double width() const { return width_; }
  // The picture is as large as what was written.
  void finish();

 private:
  bool seen(double height) const;

  const Scene& scene_;
  Picture& picture_;
  std::vector<Column> columns_;
  double y_ = 0;
  double width_ = 0;
};

// A number and what it was before: a change is marked as in every view.
Cell gauge_cell(std::uint64_t now, std::uint64_t before);

}  // namespace orrery::gui
