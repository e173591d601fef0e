package io.parallaxfleet.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Puts program texts together: types of the device's vector width, the functions kernels share, and the kernel. */
final class KernelText {
    private static final String FUNCTIONS = resource("functions.cl");
    private static final String ROWS = resource("rows.cl");

    private KernelText() {}

    /** The OpenCL type of a vector of that many floats. */
    static String vectorType(int width) {
        return "float" + width;
    }

    /** A program: definitions for the width, shared functions for vectors and single floats, then the body. */
    static String program(int width, String body) {
        return definitions(width) + functions("float", "int") + functions("float" + width, "int" + width) + body;
    }

    /** A program of the row-wise kernels with the given macro definitions. */
    static String rowProgram(int width, String macros) {
        return program(width, macros + ROWS);
    }

    private static String definitions(int width) {
        return "#define VEC " + width + "\n"
                + "typedef float" + width + " FV;\n"
                + "#define VLOAD(p) vload" + width + "(0, (p))\n"
                + "#define VSTORE(v, p) vstore" + width + "((v), 0, (p))\n"
                + "#define EXP exp_float" + width + "\n";
    }

    private static String functions(String type, String integers) {
        return FUNCTIONS.replace("$T", type).replace("$I", integers);
    }

    private static String resource(String name) {
        try (InputStream in = KernelText.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the kernel source " + name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
