//! A directory of checkpoints, and who chose it.

use super::{error::CheckpointsError, name};
use crate::FileCheckpointer;
use core::fmt;
use std::{
    env,
    ffi::OsString,
    path::{self, Path, PathBuf},
};

/// The environment variable that names the directory of checkpoints.
pub const VARIABLE: &str = "KLAW_CHECKPOINT_PATH";

/// A directory in which each name is a [`FileCheckpointer`] of its own.
///
/// ```
/// use klaw_std::checkpoints::{Directory, Source};
///
/// # let dir = tempfile::tempdir()?;
/// let checkpoints = Directory::at(dir.path())?;
/// assert_eq!(checkpoints.source(), Source::Given);
/// let counter = checkpoints.open("counter")?;
/// assert!(counter.journal().path().ends_with("counter.journal"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    path: PathBuf,
    source: Source,
}

/// Who chose a directory of checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The program.
    Given,
    /// The environment, by [`VARIABLE`].
    Environment,
    /// Nobody: it is the default, below the user's home directory.
    Home,
}

impl Directory {
    /// The directory at `path`; a relative path is taken from the current directory, now.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if the path is empty, or relative and there is no current directory.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, CheckpointsError> {
        let given = path.into();
        let path = path::absolute(&given)
            .map_err(CheckpointsError::io(&given, "find the directory of checkpoints"))?;
        Ok(Self { path, source: Source::Given })
    }

    /// The directory that [`VARIABLE`] names, else `~/.klaw/checkpoints`.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::BadEnvironment`] if the variable is empty, or no absolute path, or that of
    /// something that is no directory; [`CheckpointsError::NoHome`] if there is neither the variable nor a
    /// home directory.
    pub fn detect() -> Result<Self, CheckpointsError> {
        Self::choose(env::var_os(VARIABLE), env::home_dir())
    }

    fn choose(variable: Option<OsString>, home: Option<PathBuf>) -> Result<Self, CheckpointsError> {
        if let Some(value) = variable {
            let path = PathBuf::from(&value);
            let why = if value.is_empty() {
                "it is empty"
            } else if !path.is_absolute() {
                // A service that is started elsewhere would begin without its checkpoints.
                "it is no absolute path"
            } else if path.exists() && !path.is_dir() {
                "it is no directory"
            } else {
                return Ok(Self { path, source: Source::Environment });
            };
            return Err(CheckpointsError::BadEnvironment { value, why });
        }
        let home = home.filter(|home| home.is_absolute()).ok_or(CheckpointsError::NoHome)?;
        Ok(Self { path: home.join(".klaw/checkpoints"), source: Source::Home })
    }

    /// The directory's path, which is absolute; there may be no such directory yet.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who chose it.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// The file of the store `name`, whether it is there or not.
    ///
    /// The file's name is `name` and `.journal`. Of the name, lower-case letters, digits, `-`, `_` and dots
    /// but the first are kept; every other byte becomes `%` and two digits, so that no name leads out of
    /// the directory, and no two names meet in one file, also where file names have no case.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::BadName`] if the name is empty, or too long for a file.
    pub fn file(&self, name: &str) -> Result<PathBuf, CheckpointsError> {
        Ok(self.path.join(name::encode(name)?))
    }

    /// Opens the store `name`, and creates it, with the directory, if it is not there.
    ///
    /// Blocks for as long as reading and syncing the file takes.
    ///
    /// # Errors
    ///
    /// As [`file`](Self::file), and [`CheckpointsError::Store`] with what [`FileCheckpointer::open`] fails with.
    pub fn open(&self, name: &str) -> Result<FileCheckpointer, CheckpointsError> {
        Ok(FileCheckpointer::open(self.file(name)?)?)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "given by the program",
            Self::Environment => VARIABLE,
            Self::Home => "the default",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(variable: Option<&str>, home: Option<&str>) -> Result<Directory, CheckpointsError> {
        Directory::choose(variable.map(OsString::from), home.map(PathBuf::from))
    }

    #[test]
    fn p6_the_environment_comes_before_the_home_directory() {
        let found = choose(Some("/var/lib/app"), Some("/home/me")).unwrap();
        assert_eq!(
            (found.path(), found.source()),
            (Path::new("/var/lib/app"), Source::Environment)
        );
        let found = choose(None, Some("/home/me")).unwrap();
        let expected = (Path::new("/home/me/.klaw/checkpoints"), Source::Home);
        assert_eq!((found.path(), found.source()), expected);
    }

    #[test]
    fn p7_a_bad_value_is_an_error_that_names_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for bad in ["", "checkpoints", "./here", file.path().to_str().unwrap()] {
            let error = choose(Some(bad), Some("/home/me")).unwrap_err();
            let CheckpointsError::BadEnvironment { value, .. } = &error else { panic!("{error}") };
            assert_eq!(value, bad);
            assert!(error.to_string().contains(&format!("{VARIABLE}={bad:?}")), "{error}");
        }
    }

    #[test]
    fn without_a_home_directory_there_is_no_default() {
        for home in [None, Some(""), Some("home")] {
            assert!(matches!(choose(None, home), Err(CheckpointsError::NoHome)));
        }
    }

    #[test]
    fn a_relative_path_of_the_program_is_where_it_was_then() {
        let given = Directory::at("here").unwrap();
        assert_eq!(given.path(), env::current_dir().unwrap().join("here"));
        assert!(matches!(Directory::at(""), Err(CheckpointsError::Io { .. })));
    }
}
