#include "bicross/formats/svg_scale.h"

#include <math.h>

/* 1, 2 or 5 times a power of ten, so that about `ticks` fit into the range. */
static double nice_step(double range, int ticks) {
    double raw = range / ticks, power = pow(10, floor(log10(raw)));
    double digit = raw / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

bc_svg_scale bc_svg_linear(double low, double high, int ticks) {
    if (!(high > low)) { /* one value, or none */
        double margin = low != 0 ? 0.1 * fabs(low) : 1;
        low -= margin;
        high = low + 2 * margin;
    }
    bc_svg_scale s = {.step = nice_step(high - low, ticks)};
    s.low = floor(low / s.step + 1e-9) * s.step;
    s.high = ceil(high / s.step - 1e-9) * s.step;
    return s;
}

bc_svg_scale bc_svg_logarithmic(double low, double high, int ticks) {
    const double margin = 0.02; /* so that the ends are not on the frame */
    if (!(low > 0) || !(high > low))
        return bc_svg_linear(low, high, ticks);
    double from = log10(low), to = log10(high);
    return (bc_svg_scale){
        .low = from - margin * (to - from), .high = to + margin * (to - from), .logarithmic = true};
}

double bc_svg_place(const bc_svg_scale *s, double value) {
    double v = s->logarithmic ? log10(value) : value;
    return (v - s->low) / (s->high - s->low);
}

/* 1, 2 and 5 times powers of ten, or powers of ten alone where those are many. */
static int logarithmic_ticks(const bc_svg_scale *s, double values[BC_SVG_TICKS]) {
    static const int digits[] = {1, 2, 5};
    int count = 0, shown = s->high - s->low > 2.5 ? 1 : 3, skip = 1 + (int)((s->high - s->low) / 12);
    for (int power = (int)floor(s->low); power <= (int)floor(s->high); power += skip)
        for (int d = 0; d < shown && count < BC_SVG_TICKS; d++) {
            double value = digits[d] * pow(10, power), share = bc_svg_place(s, value);
            if (share >= -1e-9 && share <= 1 + 1e-9)
                values[count++] = value;
        }
    return count;
}

int bc_svg_ticks(const bc_svg_scale *s, double values[BC_SVG_TICKS]) {
    if (s->logarithmic)
        return logarithmic_ticks(s, values);
    int last = (int)fmin(lround((s->high - s->low) / s->step), BC_SVG_TICKS - 1);
    for (int i = 0; i <= last; i++) {
        double value = s->low + i * s->step;
        values[i] = fabs(value) < 1e-9 * s->step ? 0 : value;
    }
    return last + 1;
}

int bc_svg_digits(const bc_svg_scale *s) {
    enum { FEWEST = 4, MOST = 9 };
    double largest = fmax(fabs(s->low), fabs(s->high));
    if (s->logarithmic || !(largest > 0))
        return FEWEST;
    return (int)fmin(fmax(floor(log10(largest)) - floor(log10(s->step)) + 1, FEWEST), MOST);
}
