#pragma once

namespace weir::sql::duck {

inline constexpr double kRadiansPerDegree = 0.0174532925199432957692;

}  // namespace weir::sql::duck
