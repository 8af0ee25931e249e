// BellRope: any thread pulls, and a descriptor that somebody polls can be read.
//   used by: door (cranked_door.h)    uses: a pipe
#pragma once

namespace orrery::host {

class BellRope {
 public:
  BellRope();
  ~BellRope();
  BellRope(const BellRope&) = delete;
  BellRope& operator=(const BellRope&) = delete;

  // To be polled; below 0 when the system had none.
  int descriptor() const { return out_; }
  void pull() const;
  // Silent until it is pulled again.
  void hush() const;

 private:
  int out_ = -1;
  int in_ = -1;
};

}  // namespace orrery::host
