/* Division that rounds up: groups of `size` that `count` things fill. */
#ifndef BC_HOST_DIVIDE_H
#define BC_HOST_DIVIDE_H

static inline int bc_divide_up(int count, int size) {
    return (count + size - 1) / size;
}

#endif
