package io.parallaxfleet.check;

import java.util.List;

/**
 * Something about a model that keeps work off the accelerator or makes it hard to plan, and what to do about it.
 *
 * @param kind what it is about
 * @param subject operator type, tensor or element type
 * @param detail what was found, with numbers
 * @param remedy what to do, in one line
 * @param nodes operators it is about, by name
 */
record Finding(Kind kind, String subject, String detail, String remedy, List<String> nodes) {
    /** What a finding is about, with the title of its section. */
    enum Kind {
        DYNAMIC_SHAPE("tensors whose shape only the run decides, by where they begin; each lies in its own step's arena and grows there"),
        CONTROL_FLOW("control flow"),
        PRECISION("precisions that the accelerator's kernels do not have"),
        NO_ACCELERATOR_KERNEL("operators without an accelerator kernel"),
        NO_KERNEL("operators without any kernel");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    Finding {
        nodes = List.copyOf(nodes);
    }
}
