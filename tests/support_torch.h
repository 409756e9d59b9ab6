/* Pickles as torch.save writes them, put together by hand: string literals that are joined. Texts and numbers are short. */
#ifndef BC_TESTS_SUPPORT_TORCH_H
#define BC_TESTS_SUPPORT_TORCH_H

#define PROTOCOL "\x80\x02"
#define TEXT1(letter) "X\1\0\0\0" letter
#define WHOLE(byte) "K" byte
#define ORDERED_DICT "ccollections\nOrderedDict\n)R"
#define STORAGE(type, key, count)                                                                            \
    "(X\7\0\0\0storagectorch\n" type "\n" TEXT1(key) "X\3\0\0\0cpu" WHOLE(count) "tQ"
/* Shape and strides: numbers, joined. */
#define TENSOR_IN(storage, first, shape, strides)                                                            \
    "ctorch._utils\n_rebuild_tensor_v2\n(" storage WHOLE(first) "(" shape "t(" strides "t\x89" ORDERED_DICT  \
                                                                "tR"
#define TENSOR(type, key, count, first, shape, strides)                                                      \
    TENSOR_IN(STORAGE(type, key, count), first, shape, strides)
/* Four floats, from the storage "0". */
#define FOUR TENSOR("FloatStorage", "0", "\4", "\0", WHOLE("\4"), WHOLE("\1"))
#define DICT(items) "}(" items "u"
#define PICKLE(value) PROTOCOL value "."

#endif
