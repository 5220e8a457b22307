// TranslationServer
