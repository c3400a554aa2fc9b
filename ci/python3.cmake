# Names the Python that Keystone's LLVM build scripts run with. Left to itself, CMake's
# search may find a Python 2 that does not start.
find_program(PYTHON_EXECUTABLE NAMES python3 REQUIRED)
