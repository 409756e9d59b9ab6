/* CLBlast as far as the host uses it: all products succeed, and nothing is computed (list_kernels_opencl.c). */
#include <clblast_c.h>

/* The signatures are CLBlast's; what they carry does not matter here. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

CLBlastStatusCode CLBlastSgemmWithTempBuffer(
    const CLBlastLayout layout, const CLBlastTranspose a_transpose, const CLBlastTranspose b_transpose,
    const size_t m, const size_t n, const size_t k, const float alpha, const cl_mem a, const size_t a_offset,
    const size_t lda, const cl_mem b, const size_t b_offset, const size_t ldb, const float beta, cl_mem c,
    const size_t c_offset, const size_t ldc, cl_command_queue *queue, cl_event *event, cl_mem temporary) {
    return CLBlastSuccess;
}

CLBlastStatusCode CLBlastSgemmStridedBatched(
    const CLBlastLayout layout, const CLBlastTranspose a_transpose, const CLBlastTranspose b_transpose,
    const size_t m, const size_t n, const size_t k, const float alpha, const cl_mem a, const size_t a_offset,
    const size_t lda, const size_t a_stride, const cl_mem b, const size_t b_offset, const size_t ldb,
    const size_t b_stride, const float beta, cl_mem c, const size_t c_offset, const size_t ldc,
    const size_t c_stride, const size_t batches, cl_command_queue *queue, cl_event *event) {
    return CLBlastSuccess;
}

CLBlastStatusCode CLBlastSGemmTempBufferSize(const CLBlastLayout layout, const CLBlastTranspose a_transpose,
                                             const CLBlastTranspose b_transpose, const size_t m,
                                             const size_t n, const size_t k, const size_t a_offset,
                                             const size_t lda, const size_t b_offset, const size_t ldb,
                                             const size_t c_offset, const size_t ldc, cl_command_queue *queue,
                                             size_t *bytes) {
    *bytes = 0;
    return CLBlastSuccess;
}

/* clblast_c.h declares it without saying that it takes nothing. */
CLBlastStatusCode CLBlastClearCache(void);
CLBlastStatusCode CLBlastClearCache(void) {
    return CLBlastSuccess;
}
