// Which names of the library its users may see. The library is compiled with hidden visibility.
#pragma once

/// Marks a class or function that is part of the public interface.
#define RUNBOOK_EXPORT __attribute__((visibility("default")))
