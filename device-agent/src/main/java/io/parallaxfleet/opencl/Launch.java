package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Storage.View;
import java.util.ArrayList;
import java.util.List;

/**
 * One kernel launch of a region: kernel, arguments by position and the number of work items.
 *
 * @param label the operators it computes, for messages
 * @param kernel the kernel; equal ones are built once
 * @param items work items per dimension; kernels check their bounds, so a launch may be rounded up
 * @param local preferred work-group on a GPU, three dimensions; CPU devices get single items
 * @param arguments kernel arguments
 */
record Launch(String label, KernelSource kernel, long[] items, long[] local, List<Argument> arguments) {
    /** One kernel argument. A tensor is passed as buffer and offset in floats: two positions. */
    sealed interface Argument {
        record Memory(View view, boolean written) implements Argument {}

        record Whole(int value) implements Argument {}

        record Real(float value) implements Argument {}
    }

    Launch {
        arguments = List.copyOf(arguments);
        if (items.length != 3 || local.length != 3) {
            throw new IllegalArgumentException("a launch has three dimensions");
        }
    }

    /** Collects arguments in the kernel's order. */
    static final class Arguments {
        private final List<Argument> list = new ArrayList<>();

        Arguments reads(View view) {
            list.add(new Argument.Memory(view, false));
            return this;
        }

        /** Reads whole vectors, up to the slack past the end of the storage. */
        Arguments readsTiles(View view) {
            view.storage().markReadPastEnd();
            return reads(view);
        }

        Arguments writes(View view) {
            list.add(new Argument.Memory(view, true));
            return this;
        }

        Arguments integers(int... values) {
            for (int value : values) {
                list.add(new Argument.Whole(value));
            }
            return this;
        }

        Arguments real(float value) {
            list.add(new Argument.Real(value));
            return this;
        }

        List<Argument> list() {
            return List.copyOf(list);
        }
    }
}
