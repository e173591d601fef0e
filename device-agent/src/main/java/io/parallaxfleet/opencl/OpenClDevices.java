package io.parallaxfleet.opencl;

import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.Accelerator.AcceleratorDescription;
import io.parallaxfleet.execute.AcceleratorException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** Finds and opens OpenCL devices. Every way in which there can be none ends in a reason, never in an exception. Thread-safe. */
public final class OpenClDevices {
    static final String INSTALL_HINT =
            "install the GPU vendor's OpenCL driver, or for the CPU 'apt-get install ocl-icd-libopencl1 pocl-opencl-icd'";

    /** A device that was found. */
    private record Candidate(cl_device_id id, long type, String platform, AcceleratorDescription description) {
        /** GPUs and accelerators before CPU devices. */
        int rank() {
            return isCpu() ? 1 : 0;
        }

        boolean isCpu() {
            return (type & CL.CL_DEVICE_TYPE_CPU) != 0;
        }

        boolean matches(OpenClOptions options) {
            boolean kindMatches = switch (options.kind()) {
                case ANY -> true;
                case GPU -> !isCpu();
                case CPU -> isCpu();
            };
            String name = (description.name() + " " + platform).toLowerCase(Locale.ROOT);
            return kindMatches && options.nameContains().map(name::contains).orElse(true);
        }
    }

    private OpenClDevices() {}

    /** Opens the first device that the options allow. */
    public static DeviceSearch search(OpenClOptions options) {
        List<Candidate> candidates;
        try {
            candidates = candidates();
        } catch (UnsatisfiedLinkError | NoClassDefFoundError failure) {
            // JOCL loads its library in a static initialiser: the first failure is a link error, later ones a missing class.
            return new DeviceSearch.None("the OpenCL loader (libOpenCL) or the binding to it could not be loaded: " + INSTALL_HINT
                    + firstLine(failure));
        } catch (CLException failure) {
            return new DeviceSearch.None("no OpenCL driver answers (" + failure.getMessage() + "): " + INSTALL_HINT);
        }
        if (candidates.isEmpty()) {
            return new DeviceSearch.None("OpenCL is installed and has no device: " + INSTALL_HINT);
        }
        Optional<Candidate> chosen = candidates.stream().filter(candidate -> candidate.matches(options)).findFirst();
        if (chosen.isEmpty()) {
            return new DeviceSearch.None("no OpenCL device is " + wanted(options) + "; there is "
                    + String.join(", ", candidates.stream().map(candidate -> candidate.description().name()).toList()));
        }
        try {
            return new DeviceSearch.Found(open(chosen.get()));
        } catch (AcceleratorException failure) {
            return new DeviceSearch.None(
                    "the OpenCL device " + chosen.get().description().name() + " does not open: " + failure.getMessage());
        }
    }

    /** {@link #search} without the reason. */
    public static Optional<Accelerator> open(OpenClOptions options) {
        return search(options).accelerator();
    }

    /** The devices there are, in the order in which {@link #search} tries them; empty when OpenCL is not installed. */
    public static List<AcceleratorDescription> list() {
        try {
            return candidates().stream().map(Candidate::description).toList();
        } catch (UnsatisfiedLinkError | NoClassDefFoundError | CLException failure) {
            return List.of();
        }
    }

    private static String wanted(OpenClOptions options) {
        String kind = switch (options.kind()) {
            case ANY -> "a device";
            case GPU -> "a GPU";
            case CPU -> "a CPU device";
        };
        return kind + options.nameContains().map(name -> " with '" + name + "' in its name").orElse("");
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? "" : " (" + message.lines().findFirst().orElse("").strip() + ")";
    }

    private static List<Candidate> candidates() {
        // Read by JOCL when its first class loads: without it two processes unpack the native library to one file name.
        if (System.getProperty("uniqueLibraryNames") == null) {
            System.setProperty("uniqueLibraryNames", "true");
        }
        CL.setExceptionsEnabled(true);
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        CL.clGetPlatformIDs(platforms.length, platforms, null);
        List<Candidate> found = new ArrayList<>();
        for (cl_platform_id platform : platforms) {
            for (cl_device_id device : devices(platform)) {
                found.add(candidate(platform, device));
            }
        }
        found.sort(Comparator.comparingInt(Candidate::rank));
        return found;
    }

    private static cl_device_id[] devices(cl_platform_id platform) {
        int[] count = new int[1];
        try {
            CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
        } catch (CLException failure) {
            if (failure.getStatus() == CL.CL_DEVICE_NOT_FOUND) {
                return new cl_device_id[0];
            }
            throw failure;
        }
        cl_device_id[] devices = new cl_device_id[count[0]];
        CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, devices.length, devices, null);
        return devices;
    }

    private static Candidate candidate(cl_platform_id platform, cl_device_id device) {
        AcceleratorDescription description = new AcceleratorDescription(
                text(device, CL.CL_DEVICE_NAME),
                text(device, CL.CL_DEVICE_VERSION),
                text(device, CL.CL_DRIVER_VERSION),
                (int) number(device, CL.CL_DEVICE_MAX_COMPUTE_UNITS, Integer.BYTES));
        return new Candidate(device, number(device, CL.CL_DEVICE_TYPE, Long.BYTES), platformName(platform), description);
    }

    private static OpenClAccelerator open(Candidate candidate) {
        cl_device_id id = candidate.id();
        boolean cpu = candidate.isCpu();
        int width = DeviceTraits.vectorWidth(cpu, (int) number(id, CL.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, Integer.BYTES));
        DeviceTraits traits = new DeviceTraits(cpu, width, candidate.description().computeUnits(),
                number(id, CL.CL_DEVICE_MAX_WORK_GROUP_SIZE, Long.BYTES), number(id, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE, Long.BYTES));
        return new OpenClAccelerator(candidate.description(), new DeviceContext(id, traits));
    }

    private static long number(cl_device_id device, int parameter, int bytes) {
        long[] value = new long[1];
        // Little-endian hosts only, like every device that has a driver: a shorter answer fills the low bytes.
        CL.clGetDeviceInfo(device, parameter, bytes, Pointer.to(value), null);
        return value[0];
    }

    private static String text(cl_device_id device, int parameter) {
        long[] size = new long[1];
        CL.clGetDeviceInfo(device, parameter, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        CL.clGetDeviceInfo(device, parameter, text.length, Pointer.to(text), null);
        return trimmed(text);
    }

    private static String platformName(cl_platform_id platform) {
        long[] size = new long[1];
        CL.clGetPlatformInfo(platform, CL.CL_PLATFORM_NAME, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        CL.clGetPlatformInfo(platform, CL.CL_PLATFORM_NAME, text.length, Pointer.to(text), null);
        return trimmed(text);
    }

    private static String trimmed(byte[] text) {
        return new String(text, StandardCharsets.UTF_8).replace('\0', ' ').strip();
    }
}
